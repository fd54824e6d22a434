# `cpack -G DEB` in the build folder makes a Debian package of the program. Its dependencies come from dpkg-shlibdeps, so build it
# with Debian's libraries.
set(CPACK_PACKAGE_NAME latentcrs)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The latentcrs authors <latentcrs@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "conversational recommendation by latent user intents")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"latentcrs is a C++ implementation of LatentCRS (arXiv 2503.10703). A sequence
encoder gives each user a state and each dataset a set of intents;
variational expectation-maximisation learns which intent a user has in mind,
from the history and from what the user says. One program goes from a raw
dataset to the tables of one-turn and multi-turn recommendation.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The reference BLAS, which another package's dependency would bring, is many times slower.
set(CPACK_DEBIAN_PACKAGE_DEPENDS libopenblas0-pthread)

# What only the package has, and what it has elsewhere.
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_COMPONENTS_ALL Unspecified libraries development package)
set(changelog ${CMAKE_BINARY_DIR}/packaging/changelog.Debian)
configure_file(packaging/changelog.Debian.in ${changelog} @ONLY)
add_custom_command(OUTPUT ${changelog}.gz COMMAND gzip -9nkf ${changelog} DEPENDS ${changelog})
add_custom_target(package_files ALL DEPENDS ${changelog}.gz)
install(FILES packaging/copyright ${changelog}.gz DESTINATION share/doc/latentcrs COMPONENT package EXCLUDE_FROM_ALL)
install(FILES ${CMAKE_BINARY_DIR}/completions/_latentcrs DESTINATION share/zsh/vendor-completions
        COMPONENT package EXCLUDE_FROM_ALL)
include(CPack)
