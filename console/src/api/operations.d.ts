/** The hashes of the texts of all operations, by name. `operations.ts` of the build makes them. */
declare module 'virtual:operations' {
  const hashes: Readonly<Record<string, string>>
  export default hashes
}
