/** Drafts a partner's month again and again, as whoever bills it does: a process of its own, so that it can be killed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { work } from '#journal/index.ts'
import { openPostgres } from '#platform/db.ts'
import { draftMonth, monthNamed, monthOf } from '#control/billing/index.ts'
import { PartnerId } from '#control/partners/index.ts'

const { DRILL_URL = '', DRILL_PARTNER = '', DRILL_ZONE: zone = 'UTC' } = process.env
const db = openPostgres(DRILL_URL, { name: 'drill-billing', max: 1 })
for (;;) {
  const now = Temporal.Now.instant().round('microsecond')
  const month = monthNamed(monthOf(now, zone), zone)
  // PostgreSQL may be away: the next round asks again.
  await work(db, 'system', now, (w) =>
    draftMonth(w, PartnerId.parse(DRILL_PARTNER), month, { bankName: 'Namuna', zone }),
  ).catch(() => {})
  await sleep(50)
}
