import './now.css';
import { PowerButton } from '../power/power.tsx';
import { Cards } from './cards.tsx';
import { Drives } from './drives.tsx';
import { Hero } from './hero.tsx';
import { Problems } from './problems.tsx';
import { Running } from './running.tsx';
import { SimulatedBoard } from './sim.tsx';

/** The box at this moment. */
export function Now() {
  return (
    <div class="now">
      <div class="stack">
        <Hero />
        <Problems />
        <Running />
      </div>
      <div class="stack">
        <Cards />
        <Drives />
        <SimulatedBoard />
        <PowerButton />
      </div>
    </div>
  );
}
