//! The small line beside an item: how busy it was over the window.

use std::collections::HashMap;

use store::tallies::{Counted, Sums};

use super::shared::Kept;

/// Points of a line.
const POINTS: usize = 20;

/// Views and bought units in one step, by item.
pub(super) type Activity = HashMap<String, i64>;

/// How busy items were in the step of these sums.
pub(super) fn activity_of(sums: &Sums) -> Activity {
    let busy = sums.items.iter().filter_map(|item| {
        let views = item
            .figures
            .events
            .get(&Counted::ViewItem)
            .copied()
            .unwrap_or(0);
        let units = item
            .figures
            .units
            .get(&Counted::Purchase)
            .copied()
            .unwrap_or(0);
        let activity = views.saturating_add(units);
        (activity != 0).then(|| (item.item_id.clone(), activity))
    });
    busy.collect()
}

/// The item's line, oldest first: steps are put together where there are more than points, and drawn out where there
/// are fewer.
pub(super) fn sparkline(steps: &[Kept<Activity>], item_id: &str) -> Vec<i64> {
    let activity = |index: usize| {
        let step: Option<&Kept<Activity>> = steps.get(index);
        step.and_then(|step| step.value.get(item_id))
            .copied()
            .unwrap_or(0)
    };
    line(steps.len(), activity)
}

fn line(steps: usize, activity: impl Fn(usize) -> i64) -> Vec<i64> {
    if steps < POINTS {
        return (0..POINTS)
            .map(|point| activity(point * steps / POINTS))
            .collect();
    }
    let mut points = vec![0_i64; POINTS];
    for step in 0..steps {
        let point = &mut points[step * POINTS / steps];
        *point = point.saturating_add(activity(step));
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_put_together_or_drawn_out_to_twenty_points() {
        assert_eq!(line(60, |_| 1), vec![3; 20]);
        assert_eq!(line(0, |_| 0), vec![0; 20]);
        let five = line(5, |step| step as i64);
        assert_eq!(
            five,
            [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4]
        );
        let thirty = line(30, |_| 1);
        assert_eq!((thirty.len(), thirty.iter().sum::<i64>()), (20, 30));
        assert_eq!(line(96, |_| 2).iter().sum::<i64>(), 192);
    }
}
