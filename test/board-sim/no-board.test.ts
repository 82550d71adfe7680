import { createNoBoard } from '../../adapters/board-none/no-board.ts';
import { boardContract } from '../contracts/board.contract.ts';

boardContract('none', async () => ({ board: createNoBoard(), lit: async () => null }));
