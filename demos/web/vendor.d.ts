/** The part of highlight.js that demos/web/highlight.js uses; its packed module brings no types. */
declare module "highlight.js" {
  const library: {
    getLanguage(name: string): object | undefined;
    highlight(code: string, options: { language: string; ignoreIllegals: boolean }): { value: string };
  };
  export default library;
}
