import { Tabs } from '../../kit/tabs.tsx'
import { useText } from '../messages/index.ts'

/** What went wrong, and what is announced before it is done. */
export const IncidentTabs = () => {
  const text = useText()
  return (
    <Tabs
      label={text('place.incidents')}
      tabs={[
        { to: '/incidents', name: text('place.incidents') },
        { to: '/maintenance', name: text('maintenance.title') },
        { to: '/status', name: text('status.title') },
      ]}
    />
  )
}
