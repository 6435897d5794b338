// The control of scripts/shifted for Node and Chromium: both must show the
// kernel's time, which /proc tells without libc's clock.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { browser } from '../harness/story.mjs';

const minute = 60_000;

function kernel() {
  const booted = Number(/^btime (\d+)$/m.exec(fs.readFileSync('/proc/stat', 'utf8'))[1]);
  const since = Number(fs.readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  return (booted + since) * 1000;
}

function compare(got) {
  const seconds = Math.round((got - kernel()) / 1000);
  assert.ok(Math.abs(seconds) < minute / 1000, `it differs from the kernel's clock by ${seconds} s`);
}

const onlyLinux = { skip: process.platform !== 'linux' && 'needs /proc' };

test('the clock of Node', onlyLinux, () => compare(Date.now()));

test('the clock of Chromium', onlyLinux, async () => {
  const page = await (await browser()).newPage();
  compare(await page.evaluate(() => Date.now()));
  await page.close();
});
