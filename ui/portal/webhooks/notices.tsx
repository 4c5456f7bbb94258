/** What the bank told the organisation, newest first; what has to be read says so until somebody has. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Answer, Failure } from '../../kit/answer.tsx'
import { send } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { Icon } from '../../kit/icons.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, Chip, Empty } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { type Notice, useNotices } from './queries.ts'
import './webhooks.css'

export const Notices = () => {
  const text = useText()
  const notices = useNotices()
  return (
    <>
      <PageHead
        title={text('notices.title')}
        about={text('notices.about')}
        acts={
          <a className="button" href="/api/calendar.ics" download>
            <Icon name="download" />
            {text('notices.calendar')}
          </a>
        }
      />
      <Answer to={notices}>
        {({ data }) =>
          data.length === 0 ? (
            <Card>
              <Empty title={text('notices.none')}>{text('notices.none.about')}</Empty>
            </Card>
          ) : (
            <div className="stack wide">
              {data.map((notice) => (
                <OneNotice key={notice.id} notice={notice} />
              ))}
            </div>
          )
        }
      </Answer>
    </>
  )
}

const OneNotice = ({ notice }: { notice: Notice }) => {
  const text = useText()
  const format = useFormat()
  const queries = useQueryClient()
  const acknowledge = useMutation({
    mutationFn: () => send<Notice>(`/api/notices/${notice.id}/acknowledgement`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['notices'] }),
  })
  const waits = notice.acknowledge && notice.acknowledgedAt === null
  return (
    <Card
      title={notice.title}
      beside={<span className="small dim">{format.momentOf(notice.madeAt)}</span>}
    >
      <div className="pad stack close">
        <p className="notice-body">{notice.body}</p>
        {notice.happensAt && (
          <p className="small">
            {text('notices.happens', { time: format.momentOf(notice.happensAt) })}
          </p>
        )}
        {acknowledge.error && <Failure error={acknowledge.error} />}
        {waits ? (
          <div>
            <button
              type="button"
              className="button primary"
              disabled={acknowledge.isPending}
              onClick={() => acknowledge.mutate()}
            >
              {text('notices.read')}
            </button>
          </div>
        ) : (
          notice.acknowledgedAt && (
            <div>
              <Chip tone="good">
                {text('notices.was-read', { time: format.momentOf(notice.acknowledgedAt) })}
              </Chip>
            </div>
          )
        )}
      </div>
    </Card>
  )
}
