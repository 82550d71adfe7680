/** Charts that can be drawn; apart from the drawing, which a daemon does not load. */
export const MACHINES = ['appliance', 'backup'] as const;
export type MachineName = (typeof MACHINES)[number];
