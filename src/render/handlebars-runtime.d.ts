/** Handlebars types its compiler; its runtime, which is all that mailc ships of it, it leaves untyped. */
declare module 'handlebars/dist/cjs/handlebars.runtime.js' {
  const runtime: { readonly template: (specification: object) => (view: unknown) => string };
  export = runtime;
}
