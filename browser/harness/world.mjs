// A whole Peyk with its sample company, in a directory of its own: real
// processes on free ports. It can be killed and started again where it was.
//
// Fresh people are made for each story, so that nobody finds another story's
// notices; their language is part of their account.
import { spawn, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
// PEYK_PICTURES: a directory, or all: every page at every width, in bin/pictures.
const wanted = process.env.PEYK_PICTURES ?? '';
export const allPictures = wanted === 'all';
export const pictures = path.resolve(root, allPictures || !wanted ? 'bin/pictures' : wanted);
// Milliseconds a story may take on a machine busy with everything else too, and
// any one thing in it.
export const limit = Number(process.env.PEYK_PATIENCE ?? 900) * 1000;
export const patience = limit / 10;

export const types = {
  // Fails as long as its file is ragged.
  'sheet.yaml': `id: sheet.v1
title: {en: Sheet, tr: Çizelge}
description: {en: "What is in the file.", tr: "Dosyada ne varsa."}
approval: none
typical: 1s
sources:
  sheet: {title: {en: Sheet, tr: Çizelge}, folder: sheets, file: sheet.csv}
combine: select name, amount from sheet order by name
layout:
  sentence: {en: "All of the sheet.", tr: "Çizelgenin tümü."}
  table:
    columns:
      - {name: name, title: {en: Name, tr: Ad}}
      - {name: amount, format: integer, title: {en: Amount, tr: Miktar}}
formats: [pdf]
`,
  // Takes as long as it is told.
  'slow.yaml': `id: slow.v1
title: {en: Count, tr: Sayım}
description: {en: "Counts up to a number.", tr: "Bir sayıya kadar sayar."}
approval: none
typical: 1s
parameters:
  steps: {type: integer, min: 1, max: 2000000000, default: 1, title: {en: Steps, tr: Adım}}
sources:
  pulse: {title: {en: Shop, tr: Mağaza}, database: shop, sql: select count(*) as games from games}
combine: |
  with recursive count(n) as (select 1 union all select n + 1 from count where n < :steps)
  select max(n) as n, (select games from pulse) as games from count
layout:
  sentence: {en: "Counted to {steps}.", tr: "{steps} sayısına kadar sayıldı."}
  table:
    columns:
      - {name: n, format: integer, title: {en: Count, tr: Sayı}}
      - {name: games, format: integer, title: {en: Games, tr: Oyun}}
formats: [pdf]
`,
  // Says what a person typed, after somebody agreed.
  'said.yaml': `id: said.v1
title: {en: Words, tr: Sözler}
description: {en: "Says what was typed.", tr: "Yazılanı söyler."}
approval: approver
typical: 1s
parameters:
  words: {type: text, max: 500, default: hello, title: {en: Words, tr: Sözler}}
sources:
  pulse: {title: {en: Shop, tr: Mağaza}, database: shop, sql: select count(*) as games from games}
combine: select :words as words, games from pulse
layout:
  sentence: {en: "It says {words}.", tr: "Söylediği: {words}."}
  table:
    columns:
      - {name: words, title: {en: Words, tr: Sözler}}
      - {name: games, format: integer, title: {en: Games, tr: Oyun}}
formats: [pdf, csv]
`,
};
const ragged = 'name,amount\nAda\n';
const whole = 'name,amount\nAda,1\n';

export class World {
  static async start(own = types) {
    const w = new World();
    w.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'peyk-browser-'));
    w.data = path.join(w.dir, 'data');
    fs.mkdirSync(path.join(w.dir, 'reports'));
    fs.mkdirSync(path.join(w.dir, 'sheets'));
    for (const [name, text] of Object.entries(own)) fs.writeFileSync(path.join(w.dir, 'reports', name), text);
    fs.writeFileSync(path.join(w.dir, 'sources.yaml'), 'folders:\n  sheets: sheets\n');
    w.damageSheet();
    w.ports = await freePorts(3);
    w.begun = Date.now();
    process.once('exit', () => w.abandon()); // of a run that is broken off
    await w.run();
    return w;
  }

  damageSheet() { fs.writeFileSync(path.join(this.dir, 'sheets', 'sheet.csv'), ragged); }
  repairSheet() { fs.writeFileSync(path.join(this.dir, 'sheets', 'sheet.csv'), whole); }

  // run starts the processes and waits until they say so.
  async run() {
    const bin = process.env.PEYK_BIN ?? path.join(root, 'bin', 'peyk');
    const at = (i) => `127.0.0.1:${this.ports[i]}`;
    this.process = spawn(bin, ['up', '--demo', '--data', this.data, '--listen', at(0), '--mailbox-listen', at(1), '--smtp-listen', at(2),
      '--reports', path.join(this.dir, 'reports'), '--sources', path.join(this.dir, 'sources.yaml')]);
    this.process.stdin.end();
    this.said = '';
    const running = new Promise((done, fail) => {
      const hear = (b) => {
        this.said = (this.said + b).slice(-200_000);
        if (this.said.includes('Peyk is running')) done();
      };
      this.process.stdout.on('data', hear);
      this.process.stderr.on('data', hear);
      this.process.on('exit', (code) => fail(new Error(`${bin} ended with ${code} before it ran:\n${this.said}`)));
      this.process.on('error', (err) => fail(new Error(`start ${bin}: ${err.message} (make build?)`)));
    });
    await within(running, `${bin} up`);
    this.now = JSON.parse(fs.readFileSync(path.join(this.data, 'run.json'), 'utf8'));
    this.url = this.now.urls.web;
    this.mailbox = this.now.urls.mailbox;
  }

  // kill takes the company's process away without a word, as a power cut does.
  async kill() {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
    this.end(this.now.pids.provider);
  }

  end(pid) {
    try { process.kill(pid, 'SIGKILL'); } catch (err) { if (err.code !== 'ESRCH') throw err; }
  }

  // freeze stops the provider in the middle of its work.
  freeze() { process.kill(this.now.pids.provider, 'SIGSTOP'); }
  thaw() { process.kill(this.now.pids.provider, 'SIGCONT'); }

  abandon() {
    if (!this.now || this.stopped) return;
    for (const pid of Object.values(this.now.pids)) this.end(pid);
  }

  async stop() {
    this.stopped = true;
    if (this.process && this.process.exitCode === null && this.process.signalCode === null) await this.kill();
    fs.rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  // call is one exchange with the trigger's API in somebody's name.
  async call(who, method, to, body) {
    const res = await fetch(this.now.urls.api + to, {
      method, body: body === undefined ? undefined : JSON.stringify(body),
      headers: { Authorization: `Bearer ${this.now.token}`, 'Content-Type': 'application/json', 'Peyk-Act-As': who.name ?? who },
    });
    const text = await res.text();
    if (!res.ok) throw new Error(`${method} ${to} as ${who.name ?? who}: ${res.status} ${text}`);
    return text ? JSON.parse(text) : {};
  }

  // demo is one of the sample company's people.
  demo(name) {
    const people = JSON.parse(fs.readFileSync(path.join(this.data, 'company', 'demo-people.json'), 'utf8'));
    const { full_name: fullName, password } = people.find((p) => p.name === name);
    return { name, fullName, password, locale: 'tr' };
  }

  // person makes an account. Roles are the words of package access.
  async person(name, fullName, locale, ...roles) {
    const password = randomBytes(12).toString('hex');
    const email = `${name}@kule.example`;
    await this.call(this.now.admin, 'POST', '/accounts', {
      name, full_name: fullName, email, roles, locale, time_zone: 'Europe/Istanbul', password,
    });
    return { name, fullName, password, locale, email };
  }

  // people are who a story needs, in one language.
  async people(locale) {
    if (locale === 'tr') return { asker: this.demo('derya'), approver: this.demo('murat'), operator: this.demo('cagri') };
    return {
      asker: await this.person('dora', 'Dora Miles', locale, 'requester'),
      approver: await this.person('mark', 'Mark Young', locale, 'requester', 'approver'),
      operator: await this.person('oscar', 'Oscar Dean', locale, 'requester', 'operator', 'admin'),
    };
  }

  async request(who, type, parameters = {}, more = {}) {
    const guid = newGUID();
    await this.call(who, 'POST', '/requests', { guid, type, parameters, formats: ['pdf'], locale: who.locale, ...more });
    return guid;
  }

  status(guid) { return this.call(this.now.admin, 'GET', '/requests/' + guid); }

  // reaches waits until a request is in one of the states.
  reaches(guid, ...states) {
    return until(`${guid} ${states.join(' or ')}`, async () => {
      const st = await this.status(guid);
      return states.includes(st.state) && st;
    });
  }

  // mails are the letters about a request to somebody, oldest first.
  async mails(guid, to) {
    const { messages } = await (await fetch(`${this.mailbox}/api/messages?guid=${guid}`)).json();
    return messages.filter((m) => !to || m.to.some((a) => a.startsWith(to.name + '@'))).reverse();
  }

  // mail waits for the first letter and reads it.
  async mail(guid, to) {
    const [first] = await until(`a letter about ${guid} to ${to.name}`, async () => {
      const found = await this.mails(guid, to);
      return found.length > 0 && found;
    });
    return (await fetch(`${this.mailbox}/api/messages/${first.id}`)).json();
  }

  async attachment(mail, n = 1) {
    const res = await fetch(`${this.mailbox}/api/messages/${mail.id}/attachments/${n}`);
    if (!res.ok) throw new Error(`attachment ${n} of ${mail.id}: ${res.status}`);
    return Buffer.from(await res.arrayBuffer());
  }
}

// pdfText is what a PDF says, as poppler reads it.
export function pdfText(bytes) {
  return execFileSync('pdftotext', ['-', '-'], { input: bytes, maxBuffer: 1 << 26 }).toString();
}

// until asks again and again: for what is no event of a page. The rest between
// two questions keeps the machine free.
export async function until(what, ask, most = patience) {
  const end = Date.now() + most;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${most} ms in vain for ${what}`);
    await new Promise((rest) => { setTimeout(rest, 20); });
  }
}

async function within(promise, what, most = patience) {
  let timer;
  const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`waited ${most} ms in vain for ${what}`)), most); });
  try { return await Promise.race([promise, late]); } finally { clearTimeout(timer); }
}

async function freePorts(n) {
  const servers = [];
  for (let i = 0; i < n; i++) {
    const s = net.createServer();
    s.listen(0, '127.0.0.1');
    await once(s, 'listening');
    servers.push(s);
  }
  const ports = servers.map((s) => s.address().port);
  await Promise.all(servers.map((s) => new Promise((done) => { s.close(done); })));
  return ports;
}

// newGUID is a UUIDv7 (RFC 9562, 5.7).
export function newGUID() {
  const b = randomBytes(16);
  b.writeUIntBE(Date.now(), 0, 6);
  b[6] = 0x70 | (b[6] & 0x0f);
  b[8] = 0x80 | (b[8] & 0x3f);
  const h = b.toString('hex');
  return [h.slice(0, 8), h.slice(8, 12), h.slice(12, 16), h.slice(16, 20), h.slice(20)].join('-');
}
