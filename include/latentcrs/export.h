// Marks what liblatentcrs.so offers to programs; everything else in it is hidden.
#pragma once

#define LATENTCRS_EXPORT __attribute__((visibility("default")))
