import type { z } from 'zod'
import type {
  AnnouncedView,
  ExtensionView,
  HoursView,
  ProductLivesView,
  VersionDetail,
} from '#control/version-lives/desk-routes.ts'
import type { JudgementView } from '#control/version-lives/views.ts'
import type { Wire } from '../../kit/wire.ts'

export type ProductLives = Wire<z.output<typeof ProductLivesView>>
export type Hours = Wire<z.output<typeof HoursView>>
export type Extension = Wire<z.output<typeof ExtensionView>>
export type Announced = Wire<z.output<typeof AnnouncedView>>
export type Version = Wire<z.output<typeof VersionDetail>>
export type Stage = Version['stage']
export type Judgement = Wire<z.output<typeof JudgementView>>
