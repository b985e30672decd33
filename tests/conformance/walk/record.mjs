// What a walk keeps: for each step what the client's method gave, and what the client heard meanwhile.
import { text } from 'node:stream/consumers';

console.log = console.debug = console.info = console.error; // stdout is for the one value

/** stdin, one JSON value: {"url","headers"} or {"command","args","env"}, and "revision". */
export const target = JSON.parse(await text(process.stdin));

export const capabilities = { sampling: { tools: {} }, elicitation: { form: {}, url: {} }, roots: { listChanged: true }, experimental: { 'example.org/x': { on: true } } };
export const roots = { roots: [{ uri: 'file:///srv/project', name: 'project', _meta: { 'example.org/r': 1 } }] };

/** What the user and the model of this client answer. */
export const answers = {
  'sampling/createMessage': params => ({
    model: 'small-model', role: 'assistant', stopReason: 'endTurn',
    content: { type: 'text', text: `heard: ${params.messages.at(-1).content.text ?? params.messages.at(-1).content[0]?.text}` },
  }),
  'elicitation/create': params =>
    params.message === 'Please decline' ? { action: 'decline' }
      : params.mode === 'url' ? { action: 'accept' }
        : { action: 'accept', content: Object.fromEntries(Object.entries(params.requestedSchema?.properties ?? {}).map(([name, schema]) => [name, value(schema)])) },
  'roots/list': () => roots,
};

const value = schema => schema.default ?? schema.enum?.[0] ?? schema.oneOf?.[0]?.const
  ?? { integer: 7, number: 1.5, boolean: true, array: [schema.items?.enum?.[0] ?? schema.items?.anyOf?.[0]?.const] }[schema.type] ?? 'Ada';

/** The error of the server: over HTTP a client of 2026-07-28 has it in the body of an error status, and the earlier client puts its code into the text. */
function failure(error) {
  const { code, message, data } = typeof error.data?.text === 'string' ? JSON.parse(error.data.text).error : error;
  return { code, message: String(message).replace(/^MCP error -?\d+: /, ''), data };
}

const PATIENCE = 60_000; // ms; what does not come by then is missing from the record

export class Record {
  steps = [];
  #kept = []; // what comes on a stream of its own, whenever it likes
  #heard = {};
  #waiting = [];

  hear(method, params) {
    (this.#heard[method] ??= []).push(params ?? null);
    this.#notice();
  }

  /** Until the current step has heard a method so many times. */
  told(method, times = 1) {
    return this.#until(() => (this.#heard[method]?.length ?? 0) >= times);
  }

  keep(params) {
    this.#kept.push(params);
    this.#notice();
  }

  /** So many of those that belong to no step. */
  async kept(times) {
    await this.#until(() => this.#kept.length >= times);
    return this.#kept;
  }

  #notice() {
    this.#waiting = this.#waiting.filter(isDone => !isDone());
  }

  async #until(condition) {
    const { promise, resolve } = Promise.withResolvers();
    this.#waiting.push(() => condition() && (resolve(), true));
    const late = setTimeout(resolve, PATIENCE);
    this.#notice();
    await promise;
    clearTimeout(late);
  }

  async step(name, work) {
    const got = await this.attempt(work);
    this.steps.push({ step: name, got, heard: this.#heard });
    this.#heard = {};
  }

  async attempt(work) {
    try {
      return (await work()) ?? null;
    } catch (error) {
      return { error: failure(error) };
    }
  }
}

/** Members in order of their names: an SDK orders them as it likes. */
const sorted = value => Array.isArray(value) ? value.map(sorted)
  : value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => [k, sorted(v)])) : value;

export const print = result => process.stdout.write(JSON.stringify(sorted(result)));
