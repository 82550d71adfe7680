import * as z from 'zod';
import * as access from '../../services/access/shapes.ts';
import * as library from '../../services/library/shapes.ts';
import * as box from '../../services/shapes.ts';
import * as work from '../../services/work-shapes.ts';

/** Each exported shape has the name that it has in the code: the files of shapes say nothing of descriptions. */
export function nameShapes(): void {
  for (const [name, shape] of Object.entries({ ...box, ...work, ...library, ...access })) {
    if (!(shape instanceof z.ZodType) || shape.meta()?.id !== undefined) continue;
    z.globalRegistry.add(shape, { ...shape.meta(), id: name.replace(/Shape$/, '') });
  }
}
