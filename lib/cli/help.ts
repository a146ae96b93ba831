/** What the help says beside commands and options. */

export const EXAMPLES = `
Examples:
  worldswitch replay traces/real/6.12-lazy-nvhe.ndjson
  printf '%s\\n' '{"event":"vcpu_load","cpu":0,"vcpu":0}' \\
    '{"event":"guest_fp_trap","cpu":0}' '{"event":"vcpu_put","cpu":0}' |
    worldswitch replay --model v6.14 --mode nvhe
  worldswitch replay traces/real/6.12-lazy-nvhe.ndjson --format ndjson --cpu 1 |
    grep '"type":"transition"'`;

export const EXIT_CODES = `
Exit codes:
  0         replayed, no violation; or two reports that agree
  1         a violation of severity error, a divergence from an observed value,
            or two reports that differ
  2         usage error, or a file that cannot be read or written
  3         internal error: a bug of worldswitch
  4         an inconclusive verdict (with --strict, --fail-on inconclusive,
            --exit-inconclusive); or no event, without --allow-empty
  128 + n   ended by a signal: SIGHUP (129), SIGINT (130), SIGTERM (143)`;

export const ENVIRONMENT = `
Environment:
  NO_COLOR      not empty: no colour, unless --color says otherwise
  FORCE_COLOR   set: colour, unless NO_COLOR forbids it; 0 or false: no colour
  TERM          dumb: no colour, no progress
  CI            not empty or false: no progress`;
