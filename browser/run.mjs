// Runs the suite: node browser/run.mjs [--test-name-pattern='^…$'] [file…]
//
// It is `node --test` with two files at a time where Node can be told so (20.10
// and later); older ones take the files by the number of cores.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);
const args = process.argv.slice(2);
const flags = args.filter((a) => a.startsWith('-'));
const named = args.filter((a) => !a.startsWith('-'));
const tests = join(here, 'tests');
const files = named.length > 0 ? named : readdirSync(tests).filter((f) => f.endsWith('.test.mjs')).map((f) => join(tests, f));
// The longest first, so that it does not run alone in the end.
files.sort((a, b) => b.includes('pages.test') - a.includes('pages.test'));
const atOnce = major > 20 || (major === 20 && minor >= 10) ? ['--test-concurrency=2'] : [];

// What the files of tests share: the sample company's data.
const scratch = mkdtempSync(join(tmpdir(), 'peyk-browser-run-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

spawn(process.execPath, ['--test', ...atOnce, ...flags, ...files], { stdio: 'inherit', env: { ...process.env, PEYK_SAMPLES: join(scratch, 'samples') } })
  .on('exit', (code) => { process.exitCode = code ?? 1; });
