/** A copy of the whole installation that is never more than about a second old, and the way back from it. */
export { checkBackup, type Checked } from './check.ts'
export { backUpOnce, type Following, startFollowing } from './follow.ts'
export { restoreBackup, type Restored } from './restore.ts'
export { backupUnusable } from './shelf.ts'
