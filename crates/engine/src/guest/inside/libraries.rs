//! The libraries that functions may use, read only when one is asked for: by `import`, or as a
//! field of the classic form's second argument.

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Exception, Function, Module, Object, Result};

/// Name of a module and its source.
const SOURCES: [(&str, &str); 3] = [
    ("lodash", include_str!("../../../vendor/lodash.js")),
    ("date-fns", include_str!("../../../vendor/date-fns.js")),
    ("uuid", include_str!("../../../vendor/uuid.js")),
];

/// Fields that read their library when they are first looked at.
const FIELDS: &str = r#"(load) => {
  const held = new Map();
  const library = (name) => {
    if (!held.has(name)) held.set(name, load(name));
    return held.get(name);
  };
  return {
    get lodash() { return library("lodash").default; },
    get _() { return library("lodash").default; },
    get "lodash-es"() { return library("lodash"); },
    get dateFns() { return library("date-fns"); },
    get "date-fns"() { return library("date-fns"); },
    get uuid() { return library("uuid"); },
  };
}"#;

/// Says which module a name in an `import` means.
pub struct Names;

impl Resolver for Names {
    fn resolve<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        _base: &str,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        let name = if name == "lodash-es" { "lodash" } else { name };
        if source(name).is_some() {
            return Ok(name.to_owned());
        }
        let message = format!(
            "There is no library \"{name}\". A function can import lodash, date-fns and uuid."
        );
        Err(Exception::throw_reference(ctx, &message))
    }
}

/// Finds the source of a module.
pub struct Sources;

impl Loader for Sources {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        declare(ctx, name)
    }
}

/// The second argument of the classic form.
pub fn object<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let load = Function::new(ctx.clone(), |ctx: Ctx<'js>, name: String| {
        // Without `await` outside its functions a module is there when `eval` returns.
        let (module, _) = declare(&ctx, &name)?.eval()?;
        module.namespace()
    })?;
    ctx.eval::<Function<'js>, _>(FIELDS)?.call((load,))
}

fn declare<'js>(ctx: &Ctx<'js>, name: &str) -> Result<Module<'js, Declared>> {
    match source(name) {
        Some(source) => Module::declare(ctx.clone(), name, source),
        None => Err(Exception::throw_reference(ctx, &format!("There is no library \"{name}\"."))),
    }
}

fn source(name: &str) -> Option<&'static str> {
    SOURCES.iter().find(|(known, _)| *known == name).map(|(_, source)| *source)
}
