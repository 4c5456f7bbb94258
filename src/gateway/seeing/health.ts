/**
 * How the gateway is, in words: live, ready, degraded, and why. Whoever knows something registers what it knows; nobody
 * is asked on the way of a call. Alive is not ready: a gateway that has too much to do must be spared, not started anew.
 */

/** Something that is not as it should be. `code` is a word for machines (`room/reason`), `detail` a sentence. */
export interface Reason {
  readonly code: string
  readonly detail: string
}

/** Answers what is wrong at this moment: nothing, one thing, or several. */
export type Source = () => Reason | readonly Reason[] | undefined

export interface HealthDocument {
  /** That this answers at all. */
  readonly live: true
  /** Whether a balancer should send calls here. */
  readonly ready: boolean
  /** Whether something is wrong, although calls are served. */
  readonly degraded: boolean
  readonly reasons: readonly Reason[]
}

export interface Health {
  /** What this answers keeps calls away from here, for as long as it answers it. */
  unready(source: Source): void
  /** What this answers is told, and calls are served all the same. */
  degraded(source: Source): void
  document(): HealthDocument
}

export const openHealth = (): Health => {
  const unready: Source[] = []
  const degraded: Source[] = []
  const heard = (sources: readonly Source[]): Reason[] =>
    sources.flatMap((source) => source() ?? [])
  return {
    unready: (source) => void unready.push(source),
    degraded: (source) => void degraded.push(source),
    document: () => {
      const against = heard(unready)
      const beside = heard(degraded)
      return {
        live: true,
        ready: against.length === 0,
        degraded: beside.length > 0,
        reasons: [...against, ...beside],
      }
    },
  }
}
