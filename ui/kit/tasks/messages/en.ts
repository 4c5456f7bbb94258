/** Long work: how far it is, and what came of it. */
export const en = {
  'tasks.running':
    '{done} of {steps} steps done, begun at {time} by {who}. You may leave: it goes on.',
  'tasks.begun': 'Begun at {time} by {who}. You may leave: it goes on.',
  'tasks.done': 'Done at {time}, asked for by {who}.',
  'tasks.failed': 'It came to nothing at {time}: {fault}. Nothing was changed.',
  'tasks.broken-off': 'It was broken off, and nothing was changed. Begin it again.',
  'tasks.import': 'Import of {register}, as of {day}',
  'tasks.replay': 'Prices {version} tried on past months: {months}',
  'tasks.see': 'See what came of it',
  'tasks.somebody': 'somebody',
} as const
