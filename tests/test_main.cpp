#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "support/log_level.h"

int main(int argc, char** argv) {
  latentcrs::log::set_level(latentcrs::test::usual_log_level());
  return Catch::Session().run(argc, argv);
}
