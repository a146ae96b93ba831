/**
 * Starts the program. The first replay keeps what V8 compiled for it beside the program, where it may write there, for each
 * version of Node.js; those that come after it need half of the time that it takes to be ready.
 */

const { readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

const PROGRAM = `${__dirname}/program.js`;
const KEPT = `${__dirname}/program-${process.version}-${process.arch}.cache`;

/** Undefined where there is none, or where it is damaged, which V8 does not notice, and which ends or hangs the process. */
function readKept() {
  try {
    const file = readFileSync(KEPT);
    const half = file.subarray(0, file.length / 2);
    return half.length > 0 && half.equals(file.subarray(half.length)) ? half : undefined;
  } catch {
    return undefined;
  }
}

/** Twice, one after the other: to compare them takes a tenth of the time of a checksum. */
function keep() {
  const temporary = `${KEPT}.${process.pid}.tmp`;
  try {
    const compiled = script.createCachedData();
    writeFileSync(temporary, Buffer.concat([compiled, compiled]));
    renameSync(temporary, KEPT);
  } catch {
    rmSync(temporary, { force: true });
  }
}

/** Other commands have compiled too little of it. */
function replays([command, ...rest]) {
  return command === 'replay' && !rest.includes('--help') && !rest.includes('-h');
}

// A third of what V8 does by itself: what it puts into one function takes it longer to compile than most replays take.
setFlagsFromString('--max-inlined-bytecode-size-cumulative=300');

const kept = readKept();
// The bundle is ASCII, and the function that Node.js would have made of it.
const script = new Script(readFileSync(PROGRAM, 'latin1'), { filename: PROGRAM, cachedData: kept });
if (kept === undefined && replays(process.argv.slice(2))) process.once('exit', (code) => code < 2 && keep());
script.runInThisContext()(exports, require, module, PROGRAM, __dirname);
