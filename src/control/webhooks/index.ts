/** How partners are told: their endpoints in both cells, kept by the couriers, and what people have to know besides. */
export { announce, withdrawAnnouncement } from './announce.ts'
export { type Couriers, startTelling } from './jobs.ts'
export { type Announcement, calendarOf, Notice, NoticeId, noticeNotFound } from './notice.ts'
export { acknowledgements } from './store.ts'
