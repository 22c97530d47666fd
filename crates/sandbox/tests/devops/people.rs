//! Profiles and the organizations of a person.

use http::StatusCode;
use serde_json::json;

use crate::app::App;

const ME: &str = "/_apis/profile/profiles/me?api-version=7.1";
const HOST: &str = "app.vssps.visualstudio.com";

#[tokio::test]
async fn a_person_finds_their_organizations_by_the_id_of_their_profile() {
    let app = App::start().await;
    let token = app.token("ben", "vso.profile").await;
    let me = app.get(ME).at(HOST).bearer(&token).send().await.ok();
    assert_eq!(me["displayName"], "Ben Baker");
    assert_eq!(me["emailAddress"], "ben@acme.example");
    assert_eq!(me["id"], me["publicAlias"]);
    let id = me["id"].as_str().expect("an id");
    let target = format!("/_apis/accounts?memberId={id}&api-version=7.1");
    let accounts = app.get(target).at(HOST).bearer(&token).send().await.ok();
    assert_eq!(
        accounts,
        json!({
            "count": 2,
            "value": [
                {
                    "accountId": "0acce000-0000-4000-8000-000000000001",
                    "accountUri": "https://vssps.dev.azure.com/acme/",
                    "accountName": "acme",
                    "properties": {},
                },
                {
                    "accountId": "0acce000-0000-4000-8000-000000000002",
                    "accountUri": "https://vssps.dev.azure.com/globex/",
                    "accountName": "globex",
                    "properties": {},
                },
            ],
        })
    );
}

#[tokio::test]
async fn a_guest_has_no_organizations_listed() {
    let app = App::start().await;
    let token = app.token("gus", "vso.profile").await;
    let me = app.get(ME).bearer(&token).send().await.ok();
    let id = me["id"].as_str().expect("an id").to_owned();
    let accounts = app.get(format!("/_apis/accounts?memberId={id}")).bearer(&token).send().await;
    assert_eq!(accounts.ok()["count"], 0);
}

#[tokio::test]
async fn the_id_from_connection_data_is_no_member_id() {
    let app = App::start().await;
    let token = app.token("ann", "vso.profile").await;
    let data = app.get("/acme/_apis/connectionData").bearer(&token).send().await.ok();
    let id = data["authenticatedUser"]["id"].as_str().expect("an id").to_owned();
    let accounts = app.get(format!("/_apis/accounts?memberId={id}")).bearer(&token).send().await;
    assert_eq!(accounts.ok()["count"], 0);
}

#[tokio::test]
async fn a_personal_access_token_gets_no_profile_but_that_of_its_organization() {
    let app = App::start().await;
    for target in [ME, "/_apis/accounts?memberId=x"] {
        let answer = app.get(target).at(HOST).pat("ann", "acme").send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{target}");
    }
    let target = "/acme/_apis/profile/profiles/me";
    let answer = app.get(target).at("vssps.dev.azure.com").pat("ann", "acme").send().await;
    assert_eq!(answer.ok()["displayName"], "Ann Archer");
}

#[tokio::test]
async fn nobody_reads_the_profile_of_another() {
    let app = App::start().await;
    let target = "/acme/_apis/profile/profiles/d6245f20-2af8-44f4-9451-8107cb2767db";
    let answer = app.get(target).pat("ann", "acme").send().await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
