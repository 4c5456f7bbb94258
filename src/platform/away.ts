/** What a reader is told while the database is away. */
import { isDatabaseAway } from './db.ts'
import { peerUnavailable } from './rpc.ts'

const AGAIN_SECONDS = '2'

/** Who asks changes nothing. */
export const isQuestion = (method: string | undefined): boolean =>
  method === 'GET' || method === 'HEAD'

/**
 * What changed nothing when the database went away, a question or a command that was not begun, may be asked again: 503,
 * which says both. How far any other came nobody can say, so that its failure stays what it was.
 */
export const asAway = (error: unknown, changedNothing: boolean): unknown =>
  changedNothing && isDatabaseAway(error)
    ? peerUnavailable('the database is not reached now; ask again in a moment', {
        cause: error,
        headers: { 'retry-after': AGAIN_SECONDS },
      })
    : error
