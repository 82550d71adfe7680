import { randomSecrets } from '../../adapters/node/secrets.ts';
import { secretsContract } from '../contracts/secrets.contract.ts';
import { countedSecrets } from './kit.ts';

secretsContract('of the machine', randomSecrets);
secretsContract('counted, for tests', countedSecrets());
