//! Secrets and tokens stay names.

use serde_json::json;

use super::super::reference::{Reference, references_in, resolve};
use super::super::{Place, References, Template};
use super::{lines, problems, render_at, scope, values};

#[test]
fn a_secret_and_a_token_render_to_references() {
    let template = json!({
        "url": "https://example.com/{{ settings.project }}?key={{ secrets.KEY }}&x={{ item.id }}",
        "header": "Bearer {{ account.token }}",
        "whole": "{{ secrets.KEY }}",
        "chosen": "{{ secrets.A if item.id == 3 else secrets['b c'] }}",
    });
    let rendered = render_at(Place::Request, &template, &values()).expect("it renders");
    insta::assert_json_snapshot!(rendered, @r#"
{
  "chosen": {
    "$reference": {
      "kind": "secret",
      "name": "A"
    }
  },
  "header": {
    "$template": [
      "Bearer ",
      {
        "$reference": {
          "kind": "token",
          "name": "account"
        }
      }
    ]
  },
  "url": {
    "$template": [
      "https://example.com/Fabrikam?key=",
      {
        "$reference": {
          "kind": "secret",
          "name": "KEY"
        }
      },
      "&x=3"
    ]
  },
  "whole": {
    "$reference": {
      "kind": "secret",
      "name": "KEY"
    }
  }
}
"#);
    let plain =
        resolve(&rendered, &mut |reference| Ok::<_, ()>(format!("<{}>", reference.written())));
    insta::assert_json_snapshot!(plain.expect("every reference is known"), @r#"
{
  "chosen": "<secrets.A>",
  "header": "Bearer <account.token>",
  "url": "https://example.com/Fabrikam?key=<secrets.KEY>&x=3",
  "whole": "<secrets.KEY>"
}
"#);
}

#[test]
fn a_template_tells_what_it_names() {
    let template = json!([
        "{{ steps.search.output.items[settings.position] }} {{ settings.project }}",
        { "a": "{{ secrets.KEY if trigger.x else account.token }}", "b": "{{ settings }}" },
    ]);
    let compiled = Template::compile(&template, &scope(), Place::Request).expect("it compiles");
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let expected = References {
        steps: names(&["search"]),
        settings: names(&["position", "project"]),
        secrets: names(&["KEY"]),
        token: true,
    };
    assert_eq!(compiled.references(), &expected);
}

#[test]
fn a_reference_may_stand_in_a_request_alone() {
    for (place, phrase) in [
        (Place::Action, "the inputs of an action"),
        (Place::Function, "the parameters of a function"),
        (Place::Condition, "a condition"),
        (Place::Output, "this field"),
    ] {
        for written in ["secrets.KEY", "account.token"] {
            let template = json!({ "a": format!("x {{{{ {written} }}}}") });
            let found = Template::compile(&template, &scope(), place).expect_err("not here");
            let expected = format!(
                "a: In `{{{{ {written} }}}}`: {written} cannot be used in {phrase}: it may stand only \
                 in the address, headers, query, body and authorization of a request."
            );
            assert_eq!(lines(&found), expected);
        }
    }
    assert!(problems(&json!("{{ secrets }}"))[0].message.contains("Name one secret"));
}

#[test]
fn nothing_reads_a_reference() {
    let expressions = [
        "secrets.KEY | upper",
        "account.token | default('x')",
        "'x' ~ secrets.KEY",
        "secrets.KEY == 'x'",
        "'x' if secrets.KEY else 'y'",
        "[secrets.KEY]",
        "(secrets.KEY if true else 'x') | length",
        "trigger | default(secrets.KEY)",
        "trigger[secrets.KEY]",
        "secrets.KEY.inside",
        "secrets[trigger.name]",
        "account.token[0]",
        "not secrets.KEY",
        "secrets.KEY or 'x'",
    ];
    let lines = expressions.map(|expression| {
        let template = json!(format!("{{{{ {expression} }}}}"));
        let found = Template::compile(&template, &scope(), Place::Request);
        let found = found.err().unwrap_or_else(|| panic!("{expression} compiles"));
        lines(&found)
    });
    insta::assert_snapshot!(lines.join("\n"), @r#"
In `{{ secrets.KEY | upper }}`: The filter "upper" cannot be applied to secrets.KEY, whose value is known only when the request leaves.
In `{{ account.token | default('x') }}`: The filter "default" cannot be applied to account.token, whose value is known only when the request leaves.
In `{{ 'x' ~ secrets.KEY }}`: The value of secrets.KEY is known only when the request leaves, so nothing can be made of it here. Write it alone or with text around it, as in `Bearer {{ secrets.KEY }}`.
In `{{ secrets.KEY == 'x' }}`: The value of secrets.KEY is known only when the request leaves, so nothing can be made of it here. Write it alone or with text around it, as in `Bearer {{ secrets.KEY }}`.
In `{{ 'x' if secrets.KEY else 'y' }}`: The value of secrets.KEY is known only when the request leaves, so nothing can be made of it here. Write it alone or with text around it, as in `Bearer {{ secrets.KEY }}`.
In `{{ [secrets.KEY] }}`: The value of secrets.KEY is known only when the request leaves, so nothing can be made of it here. Write it alone or with text around it, as in `Bearer {{ secrets.KEY }}`.
In `{{ (secrets.KEY if true else 'x') | length }}`: The value of secrets.KEY is known only when the request leaves, so nothing can be made of it here. Write it alone or with text around it, as in `Bearer {{ secrets.KEY }}`.
In `{{ trigger | default(secrets.KEY) }}`: The value of secrets.KEY is known only when the request leaves, so nothing can be made of it here. Write it alone or with text around it, as in `Bearer {{ secrets.KEY }}`.
In `{{ trigger[secrets.KEY] }}`: The value of secrets.KEY is known only when the request leaves, so nothing can be made of it here. Write it alone or with text around it, as in `Bearer {{ secrets.KEY }}`.
In `{{ secrets.KEY.inside }}`: Name one secret, as in `secrets.API_KEY`; there is nothing inside it.
In `{{ secrets[trigger.name] }}`: Name one secret, as in `secrets.API_KEY`; there is nothing inside it.
In `{{ account.token[0] }}`: There is nothing inside `account.token`.
In `{{ not secrets.KEY }}`: The value of secrets.KEY is known only when the request leaves, so nothing can be made of it here. Write it alone or with text around it, as in `Bearer {{ secrets.KEY }}`.
In `{{ secrets.KEY or 'x' }}`: The value of secrets.KEY is known only when the request leaves, so nothing can be made of it here. Write it alone or with text around it, as in `Bearer {{ secrets.KEY }}`.
"#);
}

#[test]
fn data_that_looks_like_a_reference_is_data() {
    let forged = json!({
        "$reference": { "kind": "secret", "name": "KEY" },
        "deep": [{ "$template": [{ "$reference": { "kind": "token", "name": "account" } }] }],
        "$$reference": 1,
    });
    let mut values = values();
    values["trigger"] = forged.clone();
    // By a path, by filters that take it apart, and as written into the definition.
    let templates = [
        json!("{{ trigger }}"),
        json!("{{ trigger | json | parse_json }}"),
        json!("{{ [trigger, trigger] | last }}"),
        forged.clone(),
        json!({ "a": "{{ secrets.REAL }}", "b": forged }),
    ];
    for template in templates {
        let rendered = render_at(Place::Request, &template, &values).expect("it renders");
        let real = Reference::Secret { name: "REAL".to_owned() };
        let expected = if template["a"].is_string() { vec![real] } else { vec![] };
        assert_eq!(references_in(&rendered), expected, "{rendered}");
        let resolved = resolve(&rendered, &mut |_| Ok::<_, ()>("plain".to_owned()));
        let resolved = resolved.expect("every reference is known");
        let data = if template["a"].is_string() { &resolved["b"] } else { &resolved };
        assert_eq!(data, &forged);
        let plain = render_at(Place::Output, &json!("{{ trigger }}"), &values);
        assert_eq!(plain.as_ref(), Ok(&forged), "outside of requests nothing is escaped");
    }
}
