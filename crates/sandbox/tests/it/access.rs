use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use sandbox::access::{Caller, Refusal, authenticate};

use crate::app::App;

fn call(app: &App, authorization: &str) -> Result<Caller, Refusal> {
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
    authenticate(app.world(), &headers)
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

#[tokio::test]
async fn a_personal_access_token_opens_its_organization_with_any_user_name() {
    let app = App::start().await;
    let ben = app.world().directory.person("ben").unwrap();
    for user in ["", "PAT", "ben@acme.example"] {
        let caller = call(&app, &basic(user, ben.pat("globex").unwrap())).expect("a caller");
        assert_eq!(caller.person.name, "ben");
        assert_eq!(caller.organization.as_deref(), Some("globex"));
        assert_eq!(caller.scopes, None);
    }
}

#[tokio::test]
async fn credentials_that_open_nothing_are_told_apart() {
    let app = App::start().await;
    let ann = app.world().directory.person("ann").unwrap();
    let expired = &ann.pats.iter().find(|pat| pat.expired).unwrap().token;
    let live = ann.pat("acme").unwrap();
    let cases = [
        (basic("", expired), Refusal::ExpiredPat),
        (basic("", "nonsense"), Refusal::UnknownPat),
        ("Basic %%%".to_owned(), Refusal::UnknownPat),
        (basic("", ""), Refusal::Missing),
        (format!("Bearer {live}"), Refusal::PatAsBearer),
        ("Bearer a.b.c".to_owned(), Refusal::UnknownBearer),
        ("Digest x".to_owned(), Refusal::Missing),
        ("nonsense".to_owned(), Refusal::Missing),
    ];
    for (authorization, refusal) in cases {
        assert_eq!(call(&app, &authorization).expect_err("refused"), refusal, "{authorization}");
    }
    let nothing = authenticate(app.world(), &HeaderMap::new());
    assert_eq!(nothing.expect_err("refused"), Refusal::Missing);
}

#[tokio::test]
async fn an_access_token_works_as_a_password_too() {
    let app = App::start().await;
    let tokens = app.tokens_of("ann", &[]).await;
    let token = tokens["access_token"].as_str().unwrap();
    for authorization in [format!("Bearer {token}"), basic("any", token)] {
        let caller = call(&app, &authorization).expect("a caller");
        assert_eq!(caller.person.name, "ann");
        assert_eq!(caller.organization, None);
        assert_eq!(caller.scopes.expect("scopes"), ["vso.profile", "vso.work_write"]);
    }
}

#[tokio::test]
async fn a_token_that_was_tampered_with_or_is_for_another_resource_opens_nothing() {
    let app = App::start().await;
    let tokens = app.tokens_of("ann", &[]).await;
    let mut token = tokens["access_token"].as_str().unwrap().to_owned();
    let last = token.pop().unwrap();
    token.insert(token.rfind('.').unwrap() + 1, last);
    let refusal = call(&app, &format!("Bearer {token}")).expect_err("refused");
    assert_eq!(refusal, Refusal::UnknownBearer);

    let graph = app.tokens_of("ann", &[("scope", "openid User.Read")]).await;
    for name in ["access_token", "id_token"] {
        let token = graph[name].as_str().unwrap();
        let refusal = call(&app, &format!("Bearer {token}")).expect_err("refused");
        assert_eq!(refusal, Refusal::UnknownBearer, "{name}");
    }
}
