//! What deploying refuses, and in which words.

use serde_json::json;

use super::super::{Names, Place, Scope, Template};
use super::{lines, problems};

fn fault(expression: &str) -> String {
    let found = problems(&json!(expression));
    let problem = found.last().unwrap_or_else(|| panic!("{expression} compiles"));
    problem.message.clone()
}

#[test]
fn every_fault_is_told_with_its_path() {
    let template = json!({
        "title": "{{ steps.serch.output.x }}",
        "list": [1, { "a/b": "x {{ tigger.y }} and {{ 1 + }} and {{ a }}" }],
        "fine": "{{ trigger }}",
        "{{ key }}": 1,
    });
    let found = problems(&template);
    insta::assert_snapshot!(lines(&found), @r#"
list[1]["a/b"]: In `{{ tigger.y }}`: There is no "tigger"; known here: steps, trigger, settings, user, account, item, index, self.
list[1]["a/b"]: In `{{ 1 + }}`: It ends too early.
list[1]["a/b"]: In `{{ a }}`: There is no "a"; known here: steps, trigger, settings, user, account, item, index, self.
title: In `{{ steps.serch.output.x }}`: There is no step "serch" before this one; known steps: fetch, search.
["{{ key }}"]: A key cannot hold an expression; only values can.
"#);
}

#[test]
fn a_fault_of_syntax_says_what_is_wrong() {
    let expressions = [
        "{{ }}",
        "{{ a",
        "{{ 'a }}",
        "{{ 1 2 }}",
        "{{ 'a' | }}",
        "{{ 'a' | shout }}",
        "{{ 'a' | upper(1) }}",
        "{{ 'a' | replace('', 'b') }}",
        "{{ '2026-01-31' | date('%Q') }}",
        "{{ '2026-01-31' | date_add(-1, 'moons') }}",
        "{{ {'a': 1} }}",
        "{{ trigger.0 }}",
        "{{ trigger. }}",
        "{{ trigger[1 }}",
        "{{ 1 ? 2 }}",
        "{{ 'a\\q' }}",
        "{{ 007 }}",
        "{{ 1x }}",
        "{{ else }}",
        "{{ 1 not 2 }}",
        "{{{ 1 }}}",
        "{{ range(10) }}",
        "{{ trigger.name.upper() }}",
    ];
    let lines = expressions.map(|expression| format!("{expression:42} {}", fault(expression)));
    insta::assert_snapshot!(lines.join("\n"), @r#"
{{ }}                                      In `{{  }}`: The expression is empty.
{{ a                                       In `{{ a }}`: It begins with `{{` but does not end with `}}`.
{{ 'a }}                                   In `{{ 'a }}`: A quoted text has no closing '.
{{ 1 2 }}                                  In `{{ 1 2 }}`: There is the number 2 where it is not expected.
{{ 'a' | }}                                In `{{ 'a' | }}`: Expected a filter's name after the `|`, found the end of the expression.
{{ 'a' | shout }}                          In `{{ 'a' | shout }}`: There is no filter "shout"; known filters: date, date_add, default, first, items, join, json, keys, last, length, lower, map, number, parse_json, replace, split, text, trim, upper, url_encode, values.
{{ 'a' | upper(1) }}                       In `{{ 'a' | upper(1) }}`: The filter `upper` does not take 1 arguments.
{{ 'a' | replace('', 'b') }}               In `{{ 'a' | replace('', 'b') }}`: replace needs something to replace; the first text is empty.
{{ '2026-01-31' | date('%Q') }}            In `{{ '2026-01-31' | date('%Q') }}`: date does not know %Q in its pattern; %Y-%m-%d %H:%M:%S is one.
{{ '2026-01-31' | date_add(-1, 'moons') }} In `{{ '2026-01-31' | date_add(-1, 'moons') }}`: date_add knows the units "seconds", "minutes", "hours", "days" and "weeks".
{{ {'a': 1} }}                             In `{{ {'a': 1} }}`: Objects cannot be written inside an expression; write the object as JSON and put expressions into its fields.
{{ trigger.0 }}                            In `{{ trigger.0 }}`: Write an index in brackets: `[0]`.
{{ trigger. }}                             In `{{ trigger. }}`: Expected a name after the `.`, found the end of the expression.
{{ trigger[1 }}                            In `{{ trigger[1 }}`: Expected `]`, found the end of the expression.
{{ 1 ? 2 }}                                In `{{ 1 ? 2 }}`: `?` means nothing in an expression; put texts into quotes.
{{ 'a\q' }}                                In `{{ 'a\q' }}`: After a `\` in a quoted text only \n, \r, \t, \\, \" and \' are known.
{{ 007 }}                                  In `{{ 007 }}`: "007" is not a number such as 12 or 0.5.
{{ 1x }}                                   In `{{ 1x }}`: "1x" is not a number such as 12 or 0.5.
{{ else }}                                 In `{{ else }}`: There is "else" where it is not expected.
{{ 1 not 2 }}                              In `{{ 1 not 2 }}`: Expected "in" after "not".
{{{ 1 }}}                                  In `{{ { 1 }}`: Objects cannot be written inside an expression; write the object as JSON and put expressions into its fields.
{{ range(10) }}                            In `{{ range(10) }}`: There is nothing to call here; filters are written `value | filter(arguments)`.
{{ trigger.name.upper() }}                 In `{{ trigger.name.upper() }}`: There is nothing to call here; filters are written `value | filter(arguments)`.
"#);
}

#[test]
fn a_name_that_does_not_exist_is_told_with_those_that_do() {
    let expressions = [
        "{{ steps.serch.output }}",
        "{{ steps.search }}",
        "{{ steps.search.items }}",
        "{{ steps }}",
        "{{ steps[trigger.name].output }}",
        "{{ search.output }}",
        "{{ user.name }}",
        "{{ account.secret }}",
        "{{ account[trigger.name] }}",
        "{{ __class__ }}",
        "{{ settings[trigger.name] }}",
    ];
    let lines = expressions.map(|expression| format!("{expression:36} {}", fault(expression)));
    insta::assert_snapshot!(lines.join("\n"), @r#"
{{ steps.serch.output }}             In `{{ steps.serch.output }}`: There is no step "serch" before this one; known steps: fetch, search.
{{ steps.search }}                   In `{{ steps.search }}`: Write `steps.search.output` for what the step gave.
{{ steps.search.items }}             In `{{ steps.search.items }}`: A step has only its output: write `steps.search.output` before "items".
{{ steps }}                          In `{{ steps }}`: Name a step: `steps.KEY.output`. Known steps: fetch, search.
{{ steps[trigger.name].output }}     In `{{ steps[trigger.name].output }}`: Name a step: `steps.KEY.output`. Known steps: fetch, search.
{{ search.output }}                  In `{{ search.output }}`: There is no "search"; known here: steps, trigger, settings, user, account, item, index, self. A step's output is `steps.search.output`.
{{ user.name }}                      In `{{ user.name }}`: `user` has no "name"; it has: id, metadata.
{{ account.secret }}                 In `{{ account.secret }}`: `account` has no "secret"; it has: data, id, token.
{{ account[trigger.name] }}          In `{{ account[trigger.name] }}`: Name a field of `account`: data, id, token.
{{ __class__ }}                      In `{{ __class__ }}`: There is no "__class__"; known here: steps, trigger, settings, user, account, item, index, self.
{{ settings[trigger.name] }}         In `{{ settings[trigger.name] }}`: Name a setting, as in `settings.project`.
"#);
}

#[test]
fn a_root_is_known_only_where_it_exists() {
    let roots = ["trigger", "user.id", "account.id", "item", "index", "self.pageToken"];
    let template = json!(roots.map(|root| format!("{{{{ {root} }}}}")));
    let found = Template::compile(&template, &Scope::default(), Place::Output).expect_err("none");
    insta::assert_snapshot!(lines(&found), @r#"
[0]: In `{{ trigger }}`: There is no `trigger` here.
[1]: In `{{ user.id }}`: There is no `user` here.
[2]: In `{{ account.id }}`: There is no `account` here.
[3]: In `{{ item }}`: `item` exists only inside a fan out.
[4]: In `{{ index }}`: `index` exists only inside a fan out.
[5]: In `{{ self.pageToken }}`: `self` exists only in the fields of pagination.
"#);
}

#[test]
fn settings_and_secrets_may_be_known_by_name() {
    let names = |name: &str| Names::Known([name.to_owned()].into());
    let scope = Scope { settings: names("project"), secrets: names("KEY"), ..Scope::default() };
    let compile = |text: &str| Template::compile(&json!(text), &scope, Place::Request);
    let template = compile("{{ settings.project }}{{ secrets.KEY }}").expect("both are known");
    assert_eq!(template.references().settings, ["project".to_owned()].into());
    assert_eq!(template.references().secrets, ["KEY".to_owned()].into());
    for (text, sentence) in [
        ("{{ settings.team }}", "There is no user setting \"team\"; known settings: project."),
        ("{{ secrets.TOKEN }}", "There is no secret \"TOKEN\"; known secrets: KEY."),
    ] {
        let found = compile(text).expect_err("unknown");
        assert!(found[0].message.ends_with(sentence), "{}", lines(&found));
    }
}
