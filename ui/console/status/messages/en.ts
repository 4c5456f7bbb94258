/** What the bank tells everybody: the status page as it stands, and the words for it. */
export const en = {
  'status.title': 'Status page',
  'status.about':
    'What everybody reads of us now. The page runs apart: it speaks while this one is away.',
  'status.open': 'Open the page',
  'status.told': 'What it tells',
  'status.told.none': 'It tells of no incident',
  'status.told.none.about':
    'Incidents of the last ninety days stand here, as soon as they touch everybody or something was said of them.',
  'status.last': 'Last said',
  'status.unsaid': 'in the page’s own words only',
  'bulletin.title': 'Tell everybody',
  'bulletin.about':
    'It stands on the status page, in feeds and in letters, and stays as it was said. What is on record inside the bank is never shown.',
  'bulletin.private':
    'This incident touches some partners only. With the first word it is public: its title, its times and what you write; never whom it touches.',
  'bulletin.state': 'How far we are',
  'bulletin.parts': 'What it touches',
  'bulletin.parts.hint': 'None chosen: the environment as a whole.',
  'bulletin.parts.choose': 'Parts that it touches',
  'bulletin.said.en': 'In English',
  'bulletin.said.ru': 'In Russian',
  'bulletin.said.uz': 'In Uzbek',
  'bulletin.said.hint': 'A language that you leave out reads the first one that you wrote.',
  'bulletin.names': 'How it is called outside',
  'bulletin.names.hint': 'Left out: as it was called before, “{title}”.',
  'bulletin.preview': 'How it will read',
  'bulletin.preview.none': 'Write something, and it stands here in each language.',
  'bulletin.fallback': 'not written in this language: reads {language}',
  'bulletin.act': 'Tell everybody',
  'bulletin.done': 'Told. The page shows it within half a minute; letters are on their way.',
  'bulletin.over-first': 'End the incident first, then tell that it is over.',
  'bulletin.told': 'Told to everybody',
  'bulletin.told.none': 'Nothing was told yet',
  'maintenance.calendar': 'Calendar of planned work',
  'maintenance.calendar.about':
    'Subscribe to it, or give the address to a partner. Work that is announced stands in it within a minute.',
} as const
