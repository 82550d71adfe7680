export { escapeJson, escapeText } from '../../services/escape.ts';
