/** A meeting of the board as its members read it. */
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import {
  Actions,
  Agenda,
  Decisions,
  MeetingState,
  Minutes,
  PackCard,
} from '../../kit/advisory/show.tsx'
import type { WholeMeeting } from '../../kit/advisory/wire.ts'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Note } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'

export const AdvisoryMeeting = () => {
  const text = useText()
  const format = useFormat()
  const cell = useCell()
  const { id = '' } = useParams({ strict: false })
  const meeting = useQuery({
    queryKey: ['advisory', 'meeting', id],
    queryFn: () => read<WholeMeeting>(`/api/advisory/meetings/${id}`),
  })
  const found = meeting.data?.meeting
  return (
    <>
      <Crumbs
        above={{ to: `/${cell}/advisory`, name: text('advisory.title') }}
        here={found?.quarter ?? text('advisory.meeting.one')}
      />
      <PageHead
        title={
          found
            ? text('advisory.meeting', { quarter: found.quarter })
            : text('advisory.meeting.one')
        }
        cell={cell}
        about={
          found &&
          text('advisory.meeting.about', {
            day: format.day(found.heldOn),
            chair: found.chairName,
          })
        }
        acts={found && <MeetingState of={found.status} />}
      />
      <Answer to={meeting} lines={8}>
        {(whole) => <Whole whole={whole} />}
      </Answer>
    </>
  )
}

const Whole = ({ whole: { meeting, pack, decisions, actions } }: { whole: WholeMeeting }) => {
  const text = useText()
  return (
    <div className="columns">
      <div className="stack wide">
        {meeting.minutes ? (
          <>
            <Minutes minutes={meeting.minutes} />
            <Decisions of={decisions} />
            <Actions of={actions} />
          </>
        ) : (
          <Note>{text('advisory.meeting.minutes-later')}</Note>
        )}
        <PackCard meeting={meeting} pack={pack} />
      </div>
      <div className="stack">
        <Agenda of={meeting} />
      </div>
    </div>
  )
}
