import './tokens.css';
import './base.css';
import './frame/frame.css';
import './theme.ts';
import './harmless.ts';
import { render } from 'preact';
import { App } from './app.tsx';
import { keepShell } from './install.ts';
import { startListening } from './live/live.ts';
import { takeCode } from './pairing/given-code.ts';

takeCode();
addEventListener('hashchange', takeCode);
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
startListening();
keepShell();
