//! Grids of GTK's that are heard in the order in which they are read.

use gtk::prelude::*;

/// Something in a grid: what, in which column and row, and over how many columns.
pub(crate) type Placed = (gtk::Widget, i32, i32, i32);

/// Fills a grid with these, in the order of reading. GTK tells screen readers first of what was attached last.
pub(crate) fn lay_out(grid: &gtk::Grid, all: Vec<Placed>) {
    for (what, column, row, width) in all.into_iter().rev() {
        grid.attach(&what, column, row, width, 1);
    }
}
