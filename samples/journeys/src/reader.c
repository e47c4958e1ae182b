// A screen reader as far as a test needs one, made of the library that screen readers are made of (libatspi).
//
//   reader tree         what it is told of every application: depth, role, name, whether it is shown and whether it can be had by keys, with tabs between them
//   reader press ROLE NAME   does the first action of the first element on the glass that has this role and name
#include <atspi/atspi.h>
#include <stdio.h>
#include <string.h>

static const int DEEPEST = 60, MOST_CHILDREN = 500;

static gboolean walk(AtspiAccessible *element, int depth, const char *wanted_role, const char *wanted_name) {
  gboolean done = FALSE;
  char *role = atspi_accessible_get_role_name(element, NULL), *name = atspi_accessible_get_name(element, NULL);
  AtspiStateSet *states = atspi_accessible_get_state_set(element);
  gboolean is_shown = states && atspi_state_set_contains(states, ATSPI_STATE_SHOWING);
  if (!wanted_role) {
    gboolean is_live = states && atspi_state_set_contains(states, ATSPI_STATE_FOCUSABLE) &&
                       atspi_state_set_contains(states, ATSPI_STATE_SENSITIVE);
    printf("%d\t%s\t%s\t%s\t%s\n", depth, role ? role : "", name ? name : "", is_shown ? "shown" : "",
           is_live ? "live" : "");
  } else if (is_shown && role && name && !strcmp(role, wanted_role) && !strcmp(name, wanted_name)) {
    AtspiAction *action = atspi_accessible_get_action_iface(element);
    if (action) {
      done = atspi_action_do_action(action, 0, NULL);
      g_object_unref(action);
    }
  }
  if (states) g_object_unref(states);
  g_free(role);
  g_free(name);
  int children = depth < DEEPEST ? atspi_accessible_get_child_count(element, NULL) : 0;
  for (int at = 0; at < children && at < MOST_CHILDREN && !done; at += 1) {
    AtspiAccessible *child = atspi_accessible_get_child_at_index(element, at, NULL);
    if (!child) continue;
    done = walk(child, depth + 1, wanted_role, wanted_name);
    g_object_unref(child);
  }
  return done;
}

int main(int count, char **words) {
  gboolean presses = count == 4 && !strcmp(words[1], "press");
  if (!presses && !(count == 2 && !strcmp(words[1], "tree"))) return 64;
  atspi_init();
  AtspiAccessible *desktop = atspi_get_desktop(0);
  gboolean done = walk(desktop, 0, presses ? words[2] : NULL, presses ? words[3] : NULL);
  g_object_unref(desktop);
  return presses && !done;
}
