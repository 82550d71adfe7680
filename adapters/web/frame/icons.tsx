/** 24 × 24, drawn with the colour of the text around them; for the eye only, the words stand beside them. */
const PATHS = {
  now: 'M4 12a8 8 0 0 1 16 0M12 12l4-4M6 18h12',
  photos:
    'M4 6.5A1.5 1.5 0 0 1 5.5 5h13A1.5 1.5 0 0 1 20 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17.5zM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15.5 9h.01',
  upload: 'M12 16V5M7.5 9.5 12 5l4.5 4.5M5 15v3a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-3',
  history: 'M4.5 12a7.5 7.5 0 1 0 2.2-5.3L4.5 9M4.5 4.5V9H9M12 8v4.5l3 1.5',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
  power: 'M12 4v8M7.1 7.1a7 7 0 1 0 9.8 0',
  card: 'M7 4h7l4 4v11a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM10 7v3M13 7v3',
  drive: 'M5 13h14M6.5 5h11L20 13v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-5zM16 16h.01',
  check: 'M5 12.5 10 17.5 19 7.5',
  warning: 'M12 4 21 19.5H3zM12 10v4.5M12 17h.01',
  offline: 'M4 4l16 16M8.5 8.9A9 9 0 0 0 5 11M12 8a10 10 0 0 1 7 3M8 14.5a5.5 5.5 0 0 1 4-1.5M12 18.5h.01',
} as const;

export function Icon({ name, size = 24 }: { readonly name: keyof typeof PATHS; readonly size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
