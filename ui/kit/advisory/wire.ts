/** What the server answers of the advisory board, at either office. */
import type {
  MeetingView,
  MemberView,
  OwnRequestView,
  RequestView,
  WholeMeeting as WholeMeetingView,
} from '#control/advisory/views.ts'
import type { Wire } from '../wire.ts'

export type Member = Wire<MemberView>
export type Meeting = Wire<MeetingView>
export type WholeMeeting = Wire<WholeMeetingView>
export type Request = Wire<RequestView>
export type OwnRequest = Wire<OwnRequestView>
export type Pack = NonNullable<WholeMeeting['pack']>
