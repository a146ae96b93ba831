/** Prints what each kind of event is worth for finding known bugs: `npm run worth`. */

import { worthTable } from './worth.ts';

console.log(worthTable());
