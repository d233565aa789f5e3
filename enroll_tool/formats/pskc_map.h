/* Whose a token is: a file of lines "serial,user", as a hospital's list of tokens can be brought to. */
#ifndef GARDE_TOOL_PSKC_MAP_H
#define GARDE_TOOL_PSKC_MAP_H

#include "../tool.h"

struct pskc_map;

/* Tells what is wrong with it, with the line: TOOL_REFUSED. */
enum tool_exit pskc_map_read(const char *path, struct pskc_map **out_map) GARDE_MUST_CHECK;
void pskc_map_free(struct pskc_map *map);
void pskc_map_drop(struct pskc_map **map);
#define pskc_map_owner __attribute__((cleanup(pskc_map_drop)))

/* NULL: it is not in the list. */
const char *pskc_map_user(const struct pskc_map *map, const char *serial);

#endif
