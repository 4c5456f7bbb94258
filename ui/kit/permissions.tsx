/** Every permission with its gates, folded to a line each. */
import type { ReactNode } from 'react'
import type { PermissionView } from '#control/publication/explain.ts'
import type { z } from 'zod'
import { Gates } from './gates.tsx'
import { useFormat, useWord } from './language.tsx'
import { useKitText } from './messages/index.ts'
import { Card, Chip } from './show.tsx'

type Permission = z.output<typeof PermissionView>

/** The first end of what opens it. */
const endOf = ({ gates }: Permission): string | null =>
  gates.flatMap(({ until }) => until ?? []).toSorted()[0] ?? null

export const PermissionList = (props: {
  title: string
  matrix: string
  permissions: readonly Permission[]
  act?: (permission: Permission) => ReactNode
}) => {
  const { title, matrix, permissions, act } = props
  const text = useKitText()
  const word = useWord()
  const format = useFormat()
  return (
    <Card
      title={title}
      beside={<span className="small dim">{text('permissions.matrix', { version: matrix })}</span>}
    >
      <ul className="permissions">
        {permissions.map((permission) => {
          const end = endOf(permission)
          const named = word('permission', permission.permission)
          return (
            <li key={permission.permission}>
              <details>
                <summary>
                  <span className="grow">
                    {/* A product that the bank brought is called as its document calls it. */}
                    <b>{named === permission.permission ? permission.title : named}</b>
                    <code>{permission.permission}</code>
                  </span>
                  {permission.granted ? (
                    <Chip tone="good">{text('permissions.open')}</Chip>
                  ) : (
                    <Chip icon="cross">{text('permissions.closed')}</Chip>
                  )}
                </summary>
                <Gates gates={permission.gates} />
                {permission.granted && end && (
                  <p className="tiny dim">
                    {text('permissions.until', { date: format.dateOf(end) })}
                  </p>
                )}
                {act?.(permission)}
              </details>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
