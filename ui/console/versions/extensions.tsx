/** Who asked for more time on a version, and what two people decided. */
import { Link } from '@tanstack/react-router'
import { useFormat } from '../../kit/language.tsx'
import { Chip, Empty, Table, type Tone } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useNames } from '../queries.ts'
import type { Extension } from './wire.ts'

const tones: Readonly<Record<Extension['state'], Tone>> = {
  proposed: 'warn',
  granted: 'good',
  rejected: 'bad',
  expired: 'quiet',
  void: 'quiet',
}

export const Extensions = (props: { extensions: readonly Extension[]; withVersion?: boolean }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  const { extensions, withVersion } = props
  if (extensions.length === 0) return <Empty title={text('versions.extensions.none')} />
  return (
    <Table caption={text('versions.extensions')}>
      <thead>
        <tr>
          <th scope="col">{text('versions.act.partner')}</th>
          {withVersion && <th scope="col">{text('versions.version')}</th>}
          <th scope="col">{text('versions.act.until')}</th>
          <th scope="col">{text('application.state')}</th>
        </tr>
      </thead>
      <tbody>
        {extensions.map((one) => (
          <tr key={one.changeId}>
            <th scope="row">
              <Link to="/partners/$id" params={{ id: one.partnerId }}>
                {one.organisation ?? one.partnerId}
              </Link>
              <small>{one.reason}</small>
            </th>
            {withVersion && (
              <td>
                <Link to="/versions/$version" params={{ version: one.version }}>
                  <code>{one.version}</code>
                </Link>
              </td>
            )}
            <td className="nowrap">{format.dateOf(one.until)}</td>
            <td>
              <Link to="/decisions/$id" params={{ id: one.changeId }}>
                <Chip tone={tones[one.state]}>{text(`versions.extension.${one.state}`)}</Chip>
              </Link>
              <small>
                {names.actor(one.proposedBy)}, {format.momentOf(one.decidedAt ?? one.proposedAt)}
              </small>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
