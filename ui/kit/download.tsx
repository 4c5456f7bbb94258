/** A file that the server makes: the button says that it is being made, and the refusal stands below it. */
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Failure } from './answer.tsx'
import { readFile } from './api.ts'
import { Icon } from './icons.tsx'
import { useKitText } from './messages/index.ts'
import { saveFile } from './save-file.ts'

export const Download = (props: {
  path: string
  kind?: 'primary' | 'plain' | 'text'
  children: ReactNode
}) => {
  const { path, kind = 'plain', children } = props
  const text = useKitText()
  const fetched = useMutation({
    mutationFn: () => readFile(path),
    onSuccess: ({ name, content }) => saveFile(name, content),
  })
  return (
    <>
      <button
        type="button"
        className={kind === 'plain' ? 'button' : `button ${kind}`}
        aria-busy={fetched.isPending}
        disabled={fetched.isPending}
        onClick={() => fetched.mutate()}
      >
        <Icon name="download" />
        {fetched.isPending ? text('loading') : children}
      </button>
      {fetched.isError && <Failure error={fetched.error} />}
    </>
  )
}
