/** Puts a file among the reader's downloads. It is made here and sent nowhere. */
export const saveFile = (name: string, content: string | Blob): void => {
  const address = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
