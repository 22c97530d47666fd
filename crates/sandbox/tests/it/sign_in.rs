use http::{Request, StatusCode, header};

use crate::app::{App, REDIRECT_URI};

#[tokio::test]
async fn the_page_offers_everyone_who_can_sign_in() {
    let app = App::start().await;
    let page = app.get(&App::authorize_target("organizations", &[])).await;
    assert_eq!(page.status, StatusCode::OK);
    for person in ["Ann Archer", "Ben Baker", "Gus Gardner", "Pia Parker", "Tess Tailor"] {
        assert!(page.body.contains(person), "{person} is missing");
    }
    assert!(page.body.contains("Use another account"));
}

#[tokio::test]
async fn a_hint_puts_its_person_first() {
    let app = App::start().await;
    let hint = [("login_hint", "gus@guild.example")];
    let page = app.get(&App::authorize_target("organizations", &hint)).await.body;
    assert!(page.find("Gus Gardner") < page.find("Ann Archer"));
}

#[tokio::test]
async fn a_typed_sign_in_name_chooses_the_account() {
    let app = App::start().await;
    let typed = [("sandbox_login", " ANN@acme.example ")];
    let page = app.get(&App::authorize_target("organizations", &typed)).await;
    assert!(page.body.contains("Permissions requested"));
    let typed = [("sandbox_login", "<nobody>")];
    let page = app.get(&App::authorize_target("organizations", &typed)).await;
    assert!(page.body.contains("AADSTS50034"), "{}", page.body);
    assert!(page.body.contains("&lt;nobody&gt;"));
}

#[tokio::test]
async fn a_remembered_person_goes_straight_through_unless_the_client_wants_them_asked() {
    let app = App::start().await;
    app.code_of("ann", &[]).await;
    let revisit = async |changes: &[(&str, &str)]| {
        let request = Request::get(App::authorize_target("organizations", changes))
            .header(header::COOKIE, "other=1; sandbox_person=ann")
            .body(String::new());
        app.send(request.unwrap()).await
    };
    assert!(revisit(&[]).await.redirect_parameter("code").is_some());
    assert!(revisit(&[("prompt", "none")]).await.redirect_parameter("code").is_some());
    assert!(revisit(&[("prompt", "login")]).await.body.contains("Pick an account"));
    assert!(revisit(&[("prompt", "select_account")]).await.body.contains("Pick an account"));
    assert!(revisit(&[("prompt", "consent")]).await.body.contains("Permissions requested"));
    let other = [("login_hint", "ben@acme.example")];
    assert!(revisit(&other).await.body.contains("Pick an account"));
}

#[tokio::test]
async fn silent_sign_in_fails_at_the_client_when_someone_would_have_to_be_asked() {
    let app = App::start().await;
    let silent = App::authorize_target("organizations", &[("prompt", "none")]);
    assert_eq!(app.get(&silent).await.refusal(), "login_required AADSTS50058");
    let silent =
        App::authorize_target("organizations", &[("prompt", "none"), ("sandbox_person", "ann")]);
    assert_eq!(app.get(&silent).await.refusal(), "interaction_required AADSTS65001");
}

#[tokio::test]
async fn signing_out_forgets_who_was_there() {
    let app = App::start().await;
    let answer = app.get("/organizations/oauth2/v2.0/logout").await;
    assert!(answer.header("set-cookie").starts_with("sandbox_person=; "));
    assert!(answer.body.contains("You signed out"));
    let target = "/organizations/oauth2/v2.0/logout?state=s&post_logout_redirect_uri=";
    let answer = app.get(&format!("{target}{REDIRECT_URI}")).await;
    assert_eq!(answer.location().as_str(), format!("{REDIRECT_URI}?state=s"));
    let answer = app.get(&format!("{target}https://elsewhere.example/")).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn what_makes_the_client_untrusted_is_shown_on_the_page_and_never_redirected() {
    let app = App::start().await;
    let cases = [
        ("organizations", ("redirect_uri", "https://evil.example/"), "AADSTS50011"),
        ("organizations", ("redirect_uri", ""), "AADSTS900144"),
        ("organizations", ("client_id", "11111111-1111-4111-8111-111111111111"), "AADSTS700016"),
        ("organizations", ("client_id", ""), "AADSTS900144"),
        ("organizations", ("client_id", sandbox::directory::DISABLED_CLIENT_ID), "AADSTS7000112"),
        ("nowhere.example", ("state", "x"), "AADSTS90002"),
        ("00000000-0000-0000-0000-000000000000", ("state", "x"), "AADSTS900021"),
    ];
    for (tenant, change, code) in cases {
        let answer = app.get(&App::authorize_target(tenant, &[change])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{change:?}");
        assert!(answer.body.contains(code), "{code} is not in {}", answer.body);
        assert!(answer.headers.get("location").is_none());
    }
}

#[tokio::test]
async fn what_the_client_asked_wrongly_is_sent_back_to_it() {
    let app = App::start().await;
    let devops = sandbox::entra::AZURE_DEVOPS;
    let mixed = format!("{devops}/.default {devops}/vso.work");
    let cases = [
        (("response_type", "token"), "unsupported_response_type AADSTS700051"),
        (("response_type", ""), "invalid_request AADSTS900144"),
        (("response_mode", "carrier_pigeon"), "invalid_request AADSTS700052"),
        (("scope", ""), "invalid_request AADSTS900144"),
        (("scope", "vso.work"), "invalid_client AADSTS650053"),
        (("scope", "https://other.example/x"), "invalid_resource AADSTS500011"),
        (("scope", mixed.as_str()), "invalid_scope AADSTS70011"),
        (("code_challenge", "short"), "invalid_request AADSTS501491"),
        (("code_challenge_method", "S1"), "invalid_request AADSTS501501"),
        (("prompt", "please"), "invalid_request AADSTS90023"),
    ];
    for (change, refusal) in cases {
        let answer = app.get(&App::authorize_target("organizations", &[change])).await;
        assert_eq!(answer.refusal(), refusal, "{change:?}");
        assert_eq!(answer.redirect_parameter("state").as_deref(), Some("the-state"));
    }
}

#[tokio::test]
async fn accounts_that_do_not_fit_the_endpoint_are_told_so_on_the_page() {
    let app = App::start().await;
    let acme = sandbox::directory::ACME_TENANT.to_string();
    let cases = [
        ("organizations", "pia", "AADSTS500208"),
        (acme.as_str(), "pia", "AADSTS500208"),
        (acme.as_str(), "tess", "AADSTS50020"),
        ("consumers", "ann", "AADSTS50020"),
    ];
    for (tenant, person, code) in cases {
        let target = App::authorize_target(tenant, &[("sandbox_person", person)]);
        let page = app.get(&target).await;
        assert!(page.body.contains(code), "{code} is not in {}", page.body);
        assert!(page.body.contains("Use another account"));
    }
    let target = App::authorize_target("acme.example", &[("sandbox_person", "ann")]);
    assert!(app.get(&target).await.body.contains("Permissions requested"));
}

#[tokio::test]
async fn a_personal_account_cannot_be_given_access_to_azure_devops() {
    let app = App::start().await;
    let target = App::authorize_target("common", &[("sandbox_person", "pia")]);
    assert_eq!(app.get(&target).await.refusal(), "invalid_scope AADSTS70011");
}

#[tokio::test]
async fn the_answer_comes_in_the_mode_the_client_asked_for() {
    let app = App::start().await;
    let location = app.accepts("ann", &[("response_mode", "fragment")]).await.location();
    assert!(location.query().is_none());
    assert!(location.fragment().is_some_and(|fragment| fragment.starts_with("code=1.")));
    let page = app.accepts("ann", &[("response_mode", "form_post")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("<form method=\"post\" action=\"http://localhost:8080/oauth\">"));
    assert!(page.body.contains("name=\"code\" value=\"1."));
    assert!(page.header("content-security-policy").contains("script-src 'sha256-"));
}
