/**
 * What applications were seen to use today. A fact is told with the first call of a day that shows it, in that call's own
 * record, which is durable before its answer leaves: so none is lost, and all later calls only find its bit set.
 */
import { bornAtMs } from '#kernel/id.ts'
import type { Field } from '../release/shape.ts'
import type { Form } from './form.ts'
import type { Marks } from './probe.ts'

const DAY_MS = 86_400_000
/** Applications and versions of one form that are remembered. Beyond it all are forgotten, and told once more. */
const HELD_MAX = 20_000
/** As many as one record carries; what is more goes with the next call that shows it. */
export const FACTS_MAX = 1_000

/** What was told today of one application in one version. */
interface Held {
  day: number
  readonly bits: Uint32Array
}

/** What one call shows that was not told yet. */
export class Sighting implements Marks {
  readonly form: Form
  readonly #held: Held
  #fresh: number[] | undefined

  constructor(form: Form, held: Held) {
    this.form = form
    this.#held = held
  }

  mark(fact: number): void {
    const word = this.#held.bits[fact >>> 5] ?? 0
    if ((word & (1 << (fact & 31))) !== 0) return
    if (this.#fresh === undefined) this.#fresh = [fact]
    else if (this.#fresh.length < FACTS_MAX && !this.#fresh.includes(fact)) this.#fresh.push(fact)
  }

  /** Texts of what is new; undefined where nothing is, as for nearly every call. */
  texts(): string[] | undefined {
    return this.#fresh?.map((fact) => this.form.textOf(fact))
  }

  /** It stands in a durable record: it is not told again today. */
  told(): void {
    const { bits } = this.#held
    for (const fact of this.#fresh ?? [])
      bits[fact >>> 5] = (bits[fact >>> 5] ?? 0) | (1 << (fact & 31))
  }
}

export interface Sightings {
  of(form: Form, call: { id: string; applicationId: string; version: string }): Sighting
  /** An answer that left as the newest version writes it: `counts` says in how many places each field left. */
  released(sighting: Sighting, status: number, fields: readonly Field[], counts: Uint32Array): void
}

export const openSightings = (): Sightings => {
  /** A form lives as long as its operation, and what is held of it no longer. */
  const byForm = new WeakMap<Form, Map<string, Held>>()
  const leavesOf = new WeakMap<readonly Field[], Int32Array>()
  const heldOf = (form: Form, key: string, day: number): Held => {
    let known = byForm.get(form)
    if (!known) byForm.set(form, (known = new Map()))
    const found = known.get(key)
    if (found?.day === day) return found
    if (known.size >= HELD_MAX) known.clear()
    const fresh = { day, bits: new Uint32Array((form.size >>> 5) + 1) }
    known.set(key, fresh)
    return fresh
  }
  return {
    of: (form, { id, applicationId, version }) =>
      new Sighting(
        form,
        // The day that the call's record is kept by.
        heldOf(form, `${applicationId} ${version}`, Math.floor(bornAtMs(id) / DAY_MS)),
      ),
    released: (sighting, status, fields, counts) => {
      let leaves = leavesOf.get(fields)
      if (!leaves) leavesOf.set(fields, (leaves = sighting.form.leaves(status, fields)))
      for (let i = 0; i < leaves.length; i++) {
        const fact = leaves[i] ?? -1
        if (fact >= 0 && counts[i]) sighting.mark(fact)
      }
    },
  }
}
