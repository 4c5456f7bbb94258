/**
 * A pure reading of a text, done once for each text of the last few thousand: with every page come the same merchants,
 * purposes and days. What is full is emptied as a whole; it fills again within a few pages.
 */
export const remembered = <T>(most: number, read: (text: string) => T): ((text: string) => T) => {
  const held = new Map<string, T>()
  return (text) => {
    const known = held.get(text)
    if (known !== undefined) return known
    const value = read(text)
    if (held.size >= most) held.clear()
    held.set(text, value)
    return value
  }
}
