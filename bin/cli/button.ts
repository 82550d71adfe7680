import type { Action } from './cli.ts';

/** What the button does. */
const power =
  (action: 'poweroff' | 'reboot', text: string): Action =>
  async (cli) => {
    const answer = await cli.client().post('power', { action, confirm: true });
    cli.answer(answer, () => (cli.quiet ? [] : [text]));
    return 0;
  };

export const poweroff = power('poweroff', 'shutting down: wait until all lights are off');
export const reboot = power('reboot', 'restarting');

export const ack: Action = async (cli) => {
  const answer = await cli.client().post('ack', {});
  cli.answer(answer, () => (cli.quiet ? [] : ['acknowledged']));
  return 0;
};
