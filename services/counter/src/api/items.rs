//! `/api/items`, `/api/items/{item_id}`, `/api/export.csv`.

use ::web::Problem;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};
use store::tallies::{Figures, ItemFigures, Range};

use super::parameters::{Parameters, name_after};
use super::{PageState, answer, csv, items_json, not_found, unavailable};
use crate::shown::{FiguresShown, found_items, price_shown, series_of};
use crate::windows::Window;

pub(super) async fn list(
    request: HttpRequest,
    state: web::Data<PageState>,
) -> Result<HttpResponse, Problem> {
    let query = Parameters::of(&request)?.query()?;
    let picture = state.view.picture(&query).await.map_err(unavailable)?;
    Ok(answer(HttpResponse::Ok()).json(items_json(&picture)))
}

/// All rows, unless a limit is given. They are written from the sums alone, so that no picture of all items is kept.
pub(super) async fn export(
    request: HttpRequest,
    state: web::Data<PageState>,
) -> Result<HttpResponse, Problem> {
    let query = Parameters::of(&request)?.query_of_at_most(usize::MAX)?;
    let view = &state.view;
    let spans = query.window.spans(view.now(), view.zone());
    let (sums, _) = view.sums(spans.now).await.map_err(unavailable)?;
    let file = csv::of_items(&found_items(&query, &sums), query.currency);
    let name = format!(
        "attachment; filename=\"talaria-items-{}.csv\"",
        query.window.name()
    );
    Ok(answer(HttpResponse::Ok())
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8; header=present"))
        .insert_header((CONTENT_DISPOSITION, name))
        .body(file))
}

/// One item in all windows, and its series over the window that is asked for.
pub(super) async fn one(
    request: HttpRequest,
    state: web::Data<PageState>,
) -> Result<HttpResponse, Problem> {
    let window = Parameters::of(&request)?.window()?;
    let item_id = name_after("/api/items/", &request)?;
    let view = &state.view;
    let now = view.now();
    let (ever, version) = view.sums(Range::all_time()).await.map_err(unavailable)?;
    let item = find(&ever.items, &item_id)
        .ok_or_else(|| not_found("nothing was counted of an item with this id"))?;
    let mut windows = Map::new();
    for window in Window::ALL {
        let spans = window.spans(now, view.zone());
        let counted = figures(&state, spans.now, &item_id).await?;
        let before = match spans.before {
            Some(range) => Some(figures(&state, range, &item_id).await?),
            None => None,
        };
        windows.insert(
            window.name().into(),
            json!({"now": counted, "before": before}),
        );
    }
    let range = window.spans(now, view.zone()).series;
    let points = view
        .tallies()
        .series(range, Some(&item_id))
        .await
        .map_err(unavailable)?;
    Ok(answer(HttpResponse::Ok()).json(json!({
        "itemId": item_id,
        "name": item.details.name,
        "category": item.details.category,
        "brand": item.details.brand,
        "price": item.details.price.map(price_shown),
        "window": window.name(),
        "version": version,
        "generatedAt": now.to_rfc3339(),
        "windows": windows,
        "series": series_of(range, &points, None),
    })))
}

async fn figures(state: &PageState, range: Range, item_id: &str) -> Result<Value, Problem> {
    let (sums, _) = state.view.sums(range).await.map_err(unavailable)?;
    let nothing = Figures::default();
    let figures = find(&sums.items, item_id).map_or(&nothing, |item| &item.figures);
    Ok(json!(FiguresShown::of(figures, None)))
}

fn find<'a>(items: &'a [ItemFigures], item_id: &str) -> Option<&'a ItemFigures> {
    items.iter().find(|item| item.item_id == item_id)
}
